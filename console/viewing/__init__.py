"""Views of cameras 视频调阅: asked for a case with a reason, for a time, on the video platform, and written down."""
