/*
 * Read before each file that clang-tidy looks at: tells its analyzer, which
 * sees one file at a time, that the functions that report an error return -1.
 */
#include "base/error.h"

#define error_set(...) ((void)error_set(__VA_ARGS__), -1)
#define error_errno(...) ((void)error_errno(__VA_ARGS__), -1)
#define error_gai(...) ((void)error_gai(__VA_ARGS__), -1)
#define error_signal(...) ((void)error_signal(__VA_ARGS__), -1)
#define error_prefix(...) ((void)error_prefix(__VA_ARGS__), -1)
#define error_hint(...) ((void)error_hint(__VA_ARGS__), -1)
