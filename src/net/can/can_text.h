/*
 * CAN frames as text, in the compact form of candump and cansend:
 *
 *	123#DEADBEEF        identifier of 11 bits (3 digits) and up to 8 bytes
 *	12345678#11.22      identifier of 29 bits (8 digits); dots between bytes are allowed
 *	123#R  123#R5       remote request (RTR), with the requested length
 *	123##1112233        CAN FD: one digit of flags (1 bit rate switch, 2 error
 *	                    state), up to 64 bytes in the lengths that FD has
 *	20000080#0000...    an error frame, as the kernel reports it
 */
#ifndef NET_CAN_CAN_TEXT_H
#define NET_CAN_CAN_TEXT_H

#include <stddef.h>

struct canfd_frame;
struct error;

/* Size of the longest text: identifier, two '#', flags, 64 bytes, NUL. */
#define CAN_TEXT_MAX (8 + 2 + 1 + 2 * 64 + 1)

/* Parses n bytes of text without a newline; digits of either case. A classic frame is a prefix
 * of *ret_frame, because both have the same layout; *ret_size is the number of bytes to send,
 * CAN_MTU or CANFD_MTU. Returns -1 with ERROR_USAGE, which names the fault. */
int can_text_parse(const char *text, size_t n, struct canfd_frame *ret_frame, size_t *ret_size,
    struct error *e);

/* Formats a frame that was received in `size` bytes, with capital digits and no dots. Returns
 * -1 with ERROR_NETWORK when no frame has that size, or the length inside is invalid. */
int can_text_format(const struct canfd_frame *frame, size_t size, char text[CAN_TEXT_MAX],
    struct error *e);

#endif
