/* binary encode and decode: hexadecimal and base64, without uuencode. */
#ifndef TCL_VALUE_BINARY_H
#define TCL_VALUE_BINARY_H

struct interp;
struct value;

int binary_encode(struct interp *in, void *data, int argc, struct value *const argv[]);
int binary_decode(struct interp *in, void *data, int argc, struct value *const argv[]);

#endif
