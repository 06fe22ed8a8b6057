// Package inherited tells what this process was given when it began. The Go runtime opens /dev/null in the place of a
// standard stream that is closed, before any Go code runs; what is written there would be lost and nobody told. So the
// look is one of C's constructors.
package inherited

/*
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int stdout_closed;

__attribute__((constructor)) static void look(void) {
	stdout_closed = fcntl(STDOUT_FILENO, F_GETFD) < 0 && errno == EBADF;
}

static int was_stdout_closed(void) { return stdout_closed; }
*/
import "C"

// StdoutClosed reports whether standard output was closed when the process began.
func StdoutClosed() bool { return C.was_stdout_closed() != 0 }
