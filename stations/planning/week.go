package planning

import "context"

// week answers with a plan of the week.
func (j *job) week(ctx context.Context) (*answer, error) { panic("to be written") }
