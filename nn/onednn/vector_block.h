// How wide this processor's vectors are, as far as our kernels have code for them.
#ifndef WB_VECTOR_BLOCK_H
#define WB_VECTOR_BLOCK_H

int wb_vector_block(void); // floats in a vector: 8 with AVX2, 16 with AVX-512, 0 with neither: there is no kernel

#endif
