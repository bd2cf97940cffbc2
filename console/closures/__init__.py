"""Road closures 道路封控: what operators close to whom, from when until when."""
