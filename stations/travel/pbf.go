package travel

import _ "github.com/paulmach/osm/osmpbf" // reads extracts
