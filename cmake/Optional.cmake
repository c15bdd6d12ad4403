# usock_optional(NAME SOURCE FILE OPTION VARIABLE WHAT TEXT LIBRARY NAME FIND NAME HEADER FILE PACKAGE NAME)
# makes the module NAME from one source file where its library is installed. -DVARIABLE=ON requires it, OFF
# leaves it out.
function(usock_optional name)
	cmake_parse_arguments(arg "" "SOURCE;OPTION;WHAT;LIBRARY;FIND;HEADER;PACKAGE" "" ${ARGN})
	set(${arg_OPTION} AUTO CACHE STRING "${arg_WHAT} by ${arg_LIBRARY}: ON, OFF, or AUTO where it is installed")
	set_property(CACHE ${arg_OPTION} PROPERTY STRINGS AUTO ON OFF)
	string(TOUPPER ${arg_LIBRARY} prefix)

	if(NOT ${arg_OPTION} STREQUAL "OFF")
		find_path(${prefix}_INCLUDE_DIR ${arg_HEADER})
		find_library(${prefix}_LIBRARY ${arg_FIND})
		mark_as_advanced(${prefix}_INCLUDE_DIR ${prefix}_LIBRARY)
		set(found ${${prefix}_INCLUDE_DIR} ${${prefix}_LIBRARY})
	endif()

	if(found AND NOT found MATCHES "NOTFOUND")
		usock_module(${name} SOURCES ${arg_SOURCE} BELOW base LIBS ${${prefix}_LIBRARY}
			INCLUDES ${${prefix}_INCLUDE_DIR})
	elseif(${arg_OPTION} STREQUAL "ON")
		message(FATAL_ERROR "${arg_OPTION}=ON, but ${arg_LIBRARY} is not installed (Debian: ${arg_PACKAGE})")
	else()
		usock_leave_out(${arg_SOURCE})
		message(STATUS "${arg_WHAT}: none, as ${arg_LIBRARY} is not installed or not wanted")
	endif()
endfunction()
