/*
 * Running the line of usock that another netcat's command line has become.
 */
#ifndef CLI_NETCAT_FOREIGN_RUN_H
#define CLI_NETCAT_FOREIGN_RUN_H

struct foreign_args;
struct foreign_voice;
struct usock_line;

/* Runs the line, and says what happens with the voice, whose caller's fields are set and whose results
 * begin anew; waits until the command ends. With --explain the line is printed instead. Frees the line's
 * words. Returns the exit status that the other program would have. */
int foreign_run(struct foreign_voice *voice, const struct foreign_args *args,
    struct usock_line *line);

#endif
