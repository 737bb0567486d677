import sys, requests
requests.get(sys.argv[1], verify=sys.argv[2])
