/// Elements closed out of turn or never; void elements need no end, nor do drawn ones that end themselves.
func unbalancedElements(_ page: String) -> [String] {
    let voids: Set<String> = ["meta", "img", "input", "!doctype", "link", "br"]
    var open: [String] = []
    for piece in page.components(separatedBy: "<").dropFirst() {
        let name = String(piece.prefix { $0 != ">" && !$0.isWhitespace })
        if name.hasPrefix("/") {
            guard open.last == String(name.dropFirst()) else { return open + [name] }
            open.removeLast()
        } else if !voids.contains(name), !piece.prefix(while: { $0 != ">" }).hasSuffix("/") {
            open.append(name)
        }
    }
    return open
}
