"""Models and texts that mean harm, or are broken beyond what anybody writes: nothing crashes, nothing is lost in silence, nothing runs."""
