# Where `cmake --install` puts each file.
include(GNUInstallDirs)

install(TARGETS usock)

foreach(section 1 7)
	file(GLOB pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/man/*.${section})
	install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()

install(FILES share/usock.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/usock)

install(FILES completions/usock.bash OPTIONAL
	DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME usock)
install(FILES completions/_usock OPTIONAL
	DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES completions/usock.fish OPTIONAL
	DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

install(FILES README.md HACKING.md LICENSE OPTIONAL DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY tests/examples OPTIONAL DESTINATION ${CMAKE_INSTALL_DOCDIR})
