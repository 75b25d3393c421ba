"""The ground of the kernels: compiling, and arithmetic with the same bits on every processor."""
