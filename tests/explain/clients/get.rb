require "net/http"
uri = URI(ARGV[0])
http = Net::HTTP.new(uri.host, uri.port)
http.use_ssl = true
http.ca_file = ARGV[1]
http.get("/")
