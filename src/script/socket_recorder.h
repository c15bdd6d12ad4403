/*
 * Records what the sockets of a script send and receive: those that are open, and those that it
 * makes. A recording of a file and that of the running test may go on at once.
 */
#ifndef SCRIPT_SOCKET_RECORDER_H
#define SCRIPT_SOCKET_RECORDER_H

struct recorder;
struct script;

enum socket_recording { SOCKET_RECORDING_FILE, SOCKET_RECORDING_TEST, SOCKET_RECORDINGS };

/* From now on r gets the connections, numbered by
 * r->connections; NULL: nobody gets them, and those that are open have
 * no last event. The caller keeps r until then, or until script_close(). */
void socket_recorder_set(struct script *sc, enum socket_recording which, struct recorder *r);

#endif
