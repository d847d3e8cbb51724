"""Drawing what passed the gates: classes and colours, legends, still pictures, stand-alone pages and tiles."""
