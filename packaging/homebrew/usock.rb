# A draft: homepage, url and checksum follow the first release.
class Usock < Formula
  desc "Command-line socket tool with a scripting language"
  homepage "https://example.org/usock"
  url "https://example.org/usock/usock-0.1.0.tar.gz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license "MIT"

  depends_on "cmake" => :build
  depends_on "libedit"
  depends_on "libidn2"
  depends_on :linux
  depends_on "mbedtls"
  depends_on "pcre2"

  def install
    system "cmake", "-S", ".", "-B", "build", "-DUSOCK_TESTS=OFF",
           "-DUSOCK_TLS=ON", "-DUSOCK_REGEX=ON", "-DUSOCK_PROMPT=ON", "-DUSOCK_IDN=ON",
           *std_cmake_args
    system "cmake", "--build", "build"
    system "cmake", "--install", "build"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/usock --version")
    assert_equal "1", shell_output("#{bin}/usock -c 'puts [regexp {^a+$} aaa]'").strip
    port = free_port
    server = spawn bin/"usock", "listen", "127.0.0.1", port.to_s, "--echo"
    assert_equal "hello\n", pipe_output("#{bin}/usock connect --retry 5 127.0.0.1 #{port}", "hello\n")
    Process.wait server
  end
end
