/*
 * CAN frames as text, in the compact form of candump and cansend:
 *
 *	123#DEADBEEF        identifier of 11 bits (3 digits) and up to 8 bytes
 *	12345678#11.22      of 29 bits (8 digits); bytes may be parted by dots
 *	123#R  123#R5       asks for data (RTR), with the length that is asked for
 *	123##1112233        CAN FD: one digit of flags (1 bit rate switch, 2 error
 *	                    state), up to 64 bytes in the lengths that FD has
 *	20000080#0000...    an error frame, as the kernel reports it
 */
#ifndef NET_CAN_CAN_TEXT_H
#define NET_CAN_CAN_TEXT_H

#include <stddef.h>

struct canfd_frame;
struct error;

/* The longest text: identifier, two signs, flags, 64 bytes; and a NUL. */
#define CAN_TEXT_MAX (8 + 2 + 1 + 2 * 64 + 1)

/* n bytes of text, without line end, digits of either case. A classic frame is
 * the beginning of *ret_frame (they share their layout), and *ret_size says what
 * to send: CAN_MTU or CANFD_MTU bytes. ERROR_USAGE names what is wrong. */
int can_text_parse(const char *text, size_t n, struct canfd_frame *ret_frame, size_t *ret_size,
    struct error *e);

/* The frame that was received in size bytes; capital digits, no dots. ERROR_NETWORK
 * where size is that of no frame, or the length inside is impossible. */
int can_text_format(const struct canfd_frame *frame, size_t size, char text[CAN_TEXT_MAX],
    struct error *e);

#endif
