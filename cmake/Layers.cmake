# One static library for each layer, a folder of src/ with its subfolders, linked only to the layers below it.

# usock_leave_out(REGEX...) excludes sources from this build; paths are relative to the top of the tree.
function(usock_leave_out)
	set_property(GLOBAL APPEND PROPERTY USOCK_LEFT_OUT ${ARGN})
endfunction()

# usock_alternative(PREFIX CHOICE OF NAME...) builds only <PREFIX><CHOICE>.c of the files <PREFIX><NAME>.c.
function(usock_alternative prefix choice of)
	if(NOT choice IN_LIST ARGN)
		list(JOIN ARGN ", " names)
		message(FATAL_ERROR "${prefix}*.c: '${choice}' is none of ${names}")
	endif()
	list(REMOVE_ITEM ARGN ${choice})
	foreach(name IN LISTS ARGN)
		usock_leave_out(${prefix}${name}.c)
	endforeach()
endfunction()

# usock_layer(NAME [BELOW...]) makes the library usock_NAME from the sources below src/NAME. A folder without
# sources is an empty layer.
function(usock_layer name)
	file(GLOB_RECURSE sources CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/src/${name}/*.c)
	get_property(left_out GLOBAL PROPERTY USOCK_LEFT_OUT)
	foreach(regex IN LISTS left_out)
		list(FILTER sources EXCLUDE REGEX "^${regex}$")
	endforeach()
	set(scope PUBLIC)
	if(sources)
		add_library(usock_${name} STATIC ${sources})
	else()
		set(scope INTERFACE)
		add_library(usock_${name} INTERFACE)
	endif()
	list(TRANSFORM ARGN PREPEND usock_ OUTPUT_VARIABLE below)
	target_link_libraries(usock_${name} ${scope} ${below} usock_flags)
endfunction()
