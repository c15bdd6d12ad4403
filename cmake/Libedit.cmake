# The module of the prompt's line editor, where libedit is there.
set(USOCK_PROMPT AUTO CACHE STRING "Line editing by libedit: ON, OFF, or AUTO where it is installed")
set_property(CACHE USOCK_PROMPT PROPERTY STRINGS AUTO ON OFF)

if(NOT USOCK_PROMPT STREQUAL "OFF")
	find_path(LIBEDIT_INCLUDE_DIR histedit.h)
	find_library(LIBEDIT_LIBRARY edit)
	mark_as_advanced(LIBEDIT_INCLUDE_DIR LIBEDIT_LIBRARY)
endif()

if(LIBEDIT_INCLUDE_DIR AND LIBEDIT_LIBRARY)
	usock_module(prompt SOURCES src/cli/prompt_edit.c BELOW base LIBS ${LIBEDIT_LIBRARY} INCLUDES ${LIBEDIT_INCLUDE_DIR})
elseif(USOCK_PROMPT STREQUAL "ON")
	message(FATAL_ERROR "USOCK_PROMPT=ON, but libedit is not installed (Debian: libedit-dev)")
else()
	usock_leave_out(src/cli/prompt_edit.c)
	message(STATUS "Line editing: none, as libedit is not installed or not wanted")
endif()
