"""Geo Safety: `python app.py` serves the app; `server` is what a WSGI server runs."""
from geo_safety.services.starting import open_store
from geo_safety.settings import Settings
from geo_safety.web import create_app
from geo_safety.web.serving import serve

settings = Settings()
store = open_store(settings)
app = create_app(settings, store)
server = app.server

if __name__ == "__main__":
    serve(app, settings, store)
