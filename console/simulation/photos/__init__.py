"""Photos of the demonstration city: drawn by ourselves, marked as such, with time and place as a camera writes them."""

from console.simulation.photos.photo import PhotoShot, degrees, photos_of, scene_of, shots, take

__all__ = ["PhotoShot", "degrees", "photos_of", "scene_of", "shots", "take"]
