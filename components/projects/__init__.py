"""The projects: pure manifest builders, and the component that declares them."""
