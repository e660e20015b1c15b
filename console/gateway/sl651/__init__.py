"""SL 651-2014, the protocol of hydrological stations: frames and the elements that they measure."""
