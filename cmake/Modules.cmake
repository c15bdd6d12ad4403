# Modules, the parts that need a library: each is a usock-NAME.so; USOCK_MODULES=OFF links all in. Unit tests
# and fuzz targets always link them in: usock_modules_in(TARGET).
include(GNUInstallDirs)
option(USOCK_STATIC "One file that needs no shared library; modules are linked in" OFF)
if(USOCK_STATIC)
	set(USOCK_MODULES OFF)
	set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
endif()
option(USOCK_MODULES "Load what needs a library when it is needed; OFF links it in" ON)

add_library(usock_linked_modules OBJECT EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/src/base/module_static.c)
target_link_libraries(usock_linked_modules PUBLIC usock_flags)
# relative to the program's folder, as a package may have another prefix than this configuration
file(RELATIVE_PATH usock_module_dir ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR}/usock)
set_property(SOURCE src/base/module_dlopen.c PROPERTY COMPILE_DEFINITIONS USOCK_MODULE_DIR="${usock_module_dir}")
target_link_libraries(usock_flags INTERFACE ${CMAKE_DL_LIBS})
usock_leave_out(src/base/module_static.c)
if(NOT USOCK_MODULES)
	usock_leave_out(src/base/module_dlopen.c)
endif()

# The packages of the modules; the others' libraries are on every system, and they are in usock itself.
set(usock_package_of_tls usock-tls)
set(usock_package_of_prompt usock-shell)

# usock_module(NAME SOURCES REGEX... BELOW LAYER... LIBS LIBRARY... INCLUDES FOLDER...) makes a
# module from sources, which leave their layers. They define `const struct ... usock_module_NAME`. The module
# contains the layers in BELOW; these export nothing and hold no state. Call it before usock_layer().
function(usock_module name)
	cmake_parse_arguments(arg "" "" "SOURCES;BELOW;LIBS;INCLUDES" ${ARGN})
	usock_leave_out(${arg_SOURCES})
	file(GLOB_RECURSE all CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/src/*.c)
	foreach(source IN LISTS all)
		foreach(regex IN LISTS arg_SOURCES)
			if(source MATCHES "^${regex}$")
				list(APPEND sources ${source})
			endif()
		endforeach()
	endforeach()
	list(TRANSFORM arg_BELOW PREPEND usock_)
	add_library(usock_in_${name} STATIC ${sources})
	set_target_properties(usock_in_${name} PROPERTIES C_VISIBILITY_PRESET hidden)
	target_include_directories(usock_in_${name} SYSTEM PRIVATE ${arg_INCLUDES})
	target_link_libraries(usock_in_${name} PUBLIC ${arg_BELOW} ${arg_LIBS} usock_flags)
	set_property(GLOBAL APPEND PROPERTY USOCK_MODULE_NAMES ${name})
	if(USOCK_MODULES)
		usock_shared_module(${name})
	endif()
endfunction()

# Makes a shared object that defines everything it uses and exports one name.
function(usock_shared_module name)
	file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/usock-${name}.map
		CONTENT "{ global: usock_module_${name}; local: *; };\n")
	file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/usock-${name}.c
		CONTENT "/* usock-${name}.so: all of it is in libraries. */\nextern int usock_nothing;\n")
	add_library(usock-${name} MODULE ${PROJECT_BINARY_DIR}/usock-${name}.c)
	set_target_properties(usock-${name} PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
	target_link_libraries(usock-${name} PRIVATE usock_in_${name})
	target_link_options(usock-${name} PRIVATE LINKER:-u,usock_module_${name}
		LINKER:--version-script=${PROJECT_BINARY_DIR}/usock-${name}.map)
	set(package usock)
	if(DEFINED usock_package_of_${name})
		set(package ${usock_package_of_${name}})
	endif()
	install(TARGETS usock-${name} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/usock COMPONENT ${package})
endfunction()

# Writes the table of modules that are linked in. Call it after the last usock_module().
function(usock_modules_end)
	get_property(names GLOBAL PROPERTY USOCK_MODULE_NAMES)
	set(text "/* Written by cmake/Modules.cmake. */\n#include \"base/module_table.h\"\n\n")
	foreach(name IN LISTS names)
		string(APPEND text "extern const struct module_head usock_module_${name};\n")
		string(APPEND rows "\t{ \"${name}\", &usock_module_${name} },\n")
		target_link_libraries(usock_linked_modules PUBLIC usock_in_${name})
	endforeach()
	string(APPEND text "const struct module_row module_table[] = {\n${rows}\t{ 0, 0 },\n};\n")
	file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/module_table.c CONTENT "${text}")
	target_sources(usock_linked_modules PRIVATE ${PROJECT_BINARY_DIR}/module_table.c)
	target_compile_options(usock_linked_modules PRIVATE -w)
endfunction()

# usock_modules_in(TARGET) links the modules into TARGET.
function(usock_modules_in target)
	target_link_libraries(${target} PRIVATE usock_linked_modules)
endfunction()
