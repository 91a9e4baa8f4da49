package siting

// load is what one item asks of a site: reduced cost per unit and weight.
type load struct {
	reduced, weight int64
	item            int32
}

// fill takes the loads of least reduced cost until room is used up: e[:cut]
// wholly and of e[cut] the weight part. A weighted quickselect (Balas and
// Zemel 1980); it moves the loads about.
func fill(e []load, room int64) (sum int64, cut int, part int64) {
	low, high := 0, len(e)
	for high-low > 0 {
		if high-low > 3 {
			mid := low + (high-low)/2
			pivot := max(min(e[low].reduced, e[mid].reduced), min(max(e[low].reduced, e[mid].reduced), e[high-1].reduced))
			left, right, weight, value := split(e, low, high, pivot)
			switch {
			case weight >= room && left > low: // e[low:left] < pivot holds all that fits
				high = left
				continue
			case left > low:
				sum, room, low = sum+value, room-weight, left
				continue
			default: // nothing is below the pivot: e[low:right] are equal, so that any order will do
				high2 := right
				for ; low < high2 && e[low].weight <= room; low++ {
					sum += e[low].weight * e[low].reduced
					room -= e[low].weight
				}
				if low < high2 {
					return sum + room*e[low].reduced, low, room
				}
				continue
			}
		}
		least := low
		for k := low + 1; k < high; k++ {
			if e[k].reduced < e[least].reduced {
				least = k
			}
		}
		e[low], e[least] = e[least], e[low]
		if e[low].weight > room {
			return sum + room*e[low].reduced, low, room
		}
		sum += e[low].weight * e[low].reduced
		room -= e[low].weight
		low++
	}
	return sum, low, 0
}

// split sorts e[low:high] into below, equal and above pivot; weight and value
// are of the part below.
func split(e []load, low, high int, pivot int64) (left, right int, weight, value int64) {
	left, right = low, high
	for k := low; k < right; {
		switch r := e[k].reduced; {
		case r < pivot:
			weight += e[k].weight
			value += e[k].weight * r
			e[k], e[left] = e[left], e[k]
			left++
			k++
		case r > pivot:
			right--
			e[k], e[right] = e[right], e[k]
		default:
			k++
		}
	}
	return left, right, weight, value
}
