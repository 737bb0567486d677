# Ruby: OpenSSL::SSL.verify_certificate_identity.
require 'openssl'

if ARGV == ['--version']
  puts "Ruby #{RUBY_VERSION} OpenSSL::SSL.verify_certificate_identity"
  exit
end
dir = ARGV[0]
File.foreach("#{dir}/asks.tsv") do |line|
  id, hex, = line.chomp.split("\t", -1)
  name = [hex].pack('H*').force_encoding('UTF-8')
  word, reason =
    begin
      cert = OpenSSL::X509::Certificate.new(File.binread("#{dir}/#{id}.pem"))
      begin
        [OpenSSL::SSL.verify_certificate_identity(cert, name) ? 'accept' : 'reject', '']
      rescue StandardError => e
        ['error:exception', e.message]
      end
    rescue OpenSSL::X509::CertificateError => e
      ['error:parse', e.message]
    end
  puts [id, word, reason.inspect[0, 200]].join("\t")
end
