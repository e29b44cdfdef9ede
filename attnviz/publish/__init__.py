"""The publish room: from clips to what people use: video, captions, numbers, contact sheet."""
