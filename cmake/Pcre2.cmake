# The module of regular expressions, where PCRE2 for bytes is there.
set(USOCK_REGEX AUTO CACHE STRING "Regular expressions by PCRE2: ON, OFF, or AUTO where it is installed")
set_property(CACHE USOCK_REGEX PROPERTY STRINGS AUTO ON OFF)

if(NOT USOCK_REGEX STREQUAL "OFF")
	find_path(PCRE2_INCLUDE_DIR pcre2.h)
	find_library(PCRE2_LIBRARY pcre2-8)
	mark_as_advanced(PCRE2_INCLUDE_DIR PCRE2_LIBRARY)
endif()

if(PCRE2_INCLUDE_DIR AND PCRE2_LIBRARY)
	usock_module(regex SOURCES src/tcl/regex_pcre2.c BELOW base LIBS ${PCRE2_LIBRARY} INCLUDES ${PCRE2_INCLUDE_DIR})
elseif(USOCK_REGEX STREQUAL "ON")
	message(FATAL_ERROR "USOCK_REGEX=ON, but PCRE2 is not installed (Debian: libpcre2-dev)")
else()
	usock_leave_out(src/tcl/regex_pcre2.c)
	message(STATUS "Regular expressions: none, as PCRE2 is not installed or not wanted")
endif()
