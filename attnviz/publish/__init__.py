"""The publish room: turns clips into what people use: films, captions, numbers, contact sheets, figures."""
