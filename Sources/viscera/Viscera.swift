@main struct Viscera { static func main() {} }
