// The optimizers over all parameters at once. nn/optim defines them; nn/plan defines what happens to gradients
// before them and to averages after them. The kernels do the same arithmetic in the same order, so that
// float32 results differ only by the gradients.
#ifndef WB_KERNELS_MOVES_H
#define WB_KERNELS_MOVES_H

#include <stdint.h>

enum { WB_MOVE_CHUNK = 1 << 14, WB_MOVE_SLOTS = 3 };

// One parameter of n elements, which include the padding of blocked layouts. The padding is
// zero and stays zero wherever it would matter.
typedef struct {
    float *w, *slot[WB_MOVE_SLOTS]; // slots in the order of the optimizer
    float *sum;                     // of the micro-batches' gradients; NULL if every run is an update
    const float *g;                 // of this run
    int64_t n, first;               // first: chunks of the parameters before
    double scale, decay;            // of the learning rate; weight decay
    int adapts;                     // LARS and LAMB scale its step
    int multiplies;                 // a layer multiplies by it
    const float *rate;              // a learning rate of its own; NULL: that of all
    const float *follow;            // of an average: its own decay; NULL: that of all
} wb_move;

typedef struct {
    const int32_t *step, *micro_batch;   // micro_batch NULL: every run is an update
    const float *rate, *cycled, *factor; // cycled: the momentum of this run, factor: of clipping; or NULL
    double *partial;                     // two a chunk
    float *clipped;                      // where wb_clip puts the factor
    double momentum, kept, beta2, epsilon, trust, norm; // momentum is also β₁; kept: 1 − dampening
    float limit;                         // of each element; INFINITY: none
    int nesterov, decoupled, centered, tensorflow, adaptive;
    int micro_batches, count;
    int64_t chunks;
    wb_move moves[];
} wb_moves;

void wb_gather(const void *arg); // sums over the micro-batches
void wb_clip(const void *arg);   // the factor that brings the norm of all gradients to at most norm
void wb_sgd(const void *arg);
void wb_adam(const void *arg);
void wb_rmsprop(const void *arg);
void wb_lars(const void *arg);
void wb_lamb(const void *arg);
void wb_ascend(const void *arg); // trust is the radius

// average = d·average + (1 − d)·state, where w is the average and g the state. d is the move's follow if it has one.
typedef struct {
    const int32_t *step, *micro_batch;
    double decay;
    int warmup, micro_batches, count;
    wb_move moves[];
} wb_averages;
void wb_average(const void *arg);

#endif
