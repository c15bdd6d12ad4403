usock: listening on 127.0.0.1:36597
usock: listen: timed out (--timeout)
