// Package seats decides which moves get a license seat, and in which order, so that no user
// is without a seat between two steps. It knows neither policies nor users: numbers go in,
// numbers come out, and the same input gives the same output.
//
// Terms: a move takes a seat of some SKUs and frees a seat of others, at once and as a whole.
// Moves come by rank. A SKU is scarce if a move that may take a seat of it may have to go
// without. All other SKUs drop out, and the result stays exact: a swap that takes only a
// plentiful seat is as good as a removal. A root is a scarce SKU that has a free seat at the
// start.
//
// # Why it is safe
//
// Every seat that a move takes has one source of its own: a seat that was free from the start,
// or the move that freed it. The sources are the needs of the move, and no source serves
// twice. So a seat is there for each move, in whatever order moves run after their needs, and
// however many run at once. The seats taken from a SKU so far have as many different sources,
// and all of these are free by then. A SKU can owe seats: it has more users than units, or has
// promised them. It gives none until it is paid, and counts the moves that pay it among the
// needs.
//
// # Why no move waits without need
//
// Let each chosen move take one scarce seat and free any number, and let no SKU owe any. They
// can all run, in some order, if and only if
//
//	(1) they add up: no SKU ends below zero, and
//	(2) they can start: every SKU that is taken from is reached from a root, going
//	    from the SKU that a chosen move takes to those that it frees.
//
// Both are clearly needed. The rule that sequence.go follows shows that they are enough. It hands
// out any free seat, but treats the last seat of a SKU that other moves wait for with care: it
// goes to a move from which a seat can get back to that SKU, if there is one. Then (1) and (2)
// stay true of the remaining moves, so the order never gets stuck. The reason: if two moves
// want the last seat of a SKU, then by (1) some move is still to free one there, and by (2) a
// seat gets to that move. Either it comes from elsewhere: then the move that takes the last
// seat leaves that way open. Or it can come only through this SKU, round a cycle that returns
// to it: then the rule sends the seat along that cycle.
//
// So a cycle of swaps without a seat waits as a whole, and one spare seat of any SKU in it is
// enough: the seat travels round and is free again at the end.
//
// # Which moves are chosen
//
// By rank: a move is served if it and all moves served before it can run, together with the
// moves of lower rank that this needs (allocate.go). Such a set is searched for along a chain:
// the wanted seat, a move that frees one, the seat that this move takes, and so on to a seat
// that is left over. This is exact where moves swap one seat for one, except for cases of (2)
// in which one cycle can start only through several others at once. To be exact there is as
// hard as to find the shortest round trip (the rural postman problem). Where moves free
// several seats it is a heuristic in theory, since the choice of the moves whose freed seats
// are needed is set cover. In practice neither has been seen to differ from the best of all
// orders of all subsets.
//
// Where a move takes several scarce seats, or a SKU owes some, (1) and (2) are not enough, and
// to find the best set is as hard as to break all cycles of a graph. There solve.go tries
// orders, and gives up the first move in rank that none of them serves. It never promises a
// seat that is not there; it may leave a move waiting that could be served.
//
// The files:
//
//	seats.go     the input and the output: moves, outcomes, the schedule
//	network.go   what is left to decide: moves that compete for scarce seats, counted by class
//	allocate.go  choose by rank which moves are served
//	supply.go    find the chain of moves that supplies one seat
//	start.go     check (2): that the chosen moves can start
//	solve.go     try several orders where the choice above is not exact
//	sequence.go  put the chosen moves in order, wave by wave
//	ledger.go    run the moves on paper: which seat each takes, and from which move
//	wait.go      what the moves that are not served wait for
//
// This package must not know what a SKU or a user is, or why a move is wanted. Begin with
// [Arrange].
package seats
