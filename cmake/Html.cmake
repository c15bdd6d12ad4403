# The manual as HTML, for the doc package: -DUSOCK_HTML=ON makes it, in <build>/html, and installs it beside README.md.
option(USOCK_HTML "Make the manual as HTML (needs mandoc)" OFF)
if(NOT USOCK_HTML)
	return()
endif()

find_program(USOCK_MANDOC mandoc REQUIRED)
mark_as_advanced(USOCK_MANDOC)
file(GLOB pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/man/*.[1-9])
set(folder ${PROJECT_BINARY_DIR}/html)
add_custom_command(OUTPUT ${folder}/index.html
	COMMAND ${PROJECT_SOURCE_DIR}/docs/html/make ${folder}
	DEPENDS ${pages} ${PROJECT_SOURCE_DIR}/docs/html/make ${PROJECT_SOURCE_DIR}/docs/html/manual.css
	COMMENT "Making the manual as HTML")
add_custom_target(html ALL DEPENDS ${folder}/index.html)
install(DIRECTORY ${folder} DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT usock-doc)
