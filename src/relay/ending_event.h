/*
 * The states, events and actions of relay/ending.
 */
#ifndef RELAY_ENDING_EVENT_H
#define RELAY_ENDING_EVENT_H

/* The state of a direction: send is local to remote, receive is remote to local. */
enum ending_state {
	ENDING_OPEN,     /* its source may deliver */
	ENDING_DRAINING, /* its source is over, and buffered bytes are being written */
	ENDING_DELAYED,  /* everything is written, and the half-close is due later */
	ENDING_SHUTTING, /* its sink is being half-closed */
	ENDING_IDLE,     /* send: no source, but the sink is open */
	ENDING_CLOSED,
	ENDING_STATES
};

#define ENDING_EVENTS(X)                                                                           \
	X(ENDING_INPUT_ENDED, "input ended")                                                       \
	X(ENDING_INPUT_LIMIT, "send limit")                                                        \
	X(ENDING_SENT, "all sent")                                                                 \
	X(ENDING_SEND_SHUT, "half-closed")                                                         \
	X(ENDING_PEER_ENDED, "peer ended")                                                         \
	X(ENDING_RECEIVE_LIMIT, "receive limit")                                                   \
	X(ENDING_DELIVERED, "all delivered")                                                       \
	X(ENDING_RECEIVE_SHUT, "output closed")                                                    \
	X(ENDING_PEER_CUT, "peer cut")                                                             \
	X(ENDING_PEER_LEFT, "peer left")                                                           \
	X(ENDING_RECEIVE_RESET, "reset on receive")                                                \
	X(ENDING_RECEIVE_FAILED, "receive failed")                                                 \
	X(ENDING_SEND_RESET, "reset on send")                                                      \
	X(ENDING_SEND_FAILED, "send failed")                                                       \
	X(ENDING_REFUSED, "refused")                                                               \
	X(ENDING_INPUT_RESET, "input reset")                                                       \
	X(ENDING_INPUT_FAILED, "input failed")                                                     \
	X(ENDING_OUTPUT_GONE, "output gone")                                                       \
	X(ENDING_OUTPUT_FAILED, "output failed")                                                   \
	X(ENDING_PROGRAM_GONE, "program gone")                                                     \
	X(ENDING_STOP, "stop")                                                                     \
	X(ENDING_DEADLINE, "deadline")                                                             \
	X(ENDING_NOBODY, "nobody came")                                                            \
	X(ENDING_IDLE_OVER, "idle over")                                                           \
	X(ENDING_SILENCE, "peer silent")                                                           \
	X(ENDING_HALF_CLOSE_DUE, "half-close due")                                                 \
	X(ENDING_LOCAL_CLOSE_DUE, "local close due")                                               \
	X(ENDING_INPUT_SILENT, "input silent")

enum ending_event {
#define X(event, word) event,
	ENDING_EVENTS(X)
#undef X
	    ENDING_EVENT_COUNT
};

/* Actions of the relay, as bits. */
enum {
	ENDING_ACT_SHUT_SEND = 1,    /* half-close, then report ENDING_SEND_SHUT */
	ENDING_ACT_SHUT_RECEIVE = 2, /* close the local sink, then report ENDING_RECEIVE_SHUT */
	ENDING_ACT_DROP_SEND = 4,    /* drop what is buffered for the peer */
	ENDING_ACT_DROP_RECEIVE = 8, /* drop what is buffered for the local side */
	ENDING_ACT_DISCARD = 16,     /* discard mode: keep receiving, write nothing */
	ENDING_ACT_FINISH = 32       /* the relay is over */
};

/* The verb of the message about the failure that ended the relay. */
enum ending_verb {
	ENDING_NO_VERB,
	ENDING_VERB_SEND,
	ENDING_VERB_RECV,
	ENDING_VERB_WAIT,
	ENDING_VERB_ACCEPT
};

#endif
