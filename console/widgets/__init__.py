"""What people see: the window and its workspaces; asks the models through operations, holds no SQL."""
