/// How a report looks.
enum ReportStyle {
    /// The colours of bars, stages and curves in the order of use; they stay apart in light and dark.
    static let seriesColors = [0x0B7A82, 0xF0A202, 0xD95D39, 0x7A5AA6, 0x5FB7B0, 0x8A94A6].map { ReportColor($0) }

    /// One rule per colour of `seriesColors`: `s…` fills a background, `k…` strokes or fills a drawing.
    private static var seriesRules: String {
        seriesColors.enumerated().map { ".s\($0){background:\($1.css)}.k\($0){color:\($1.css)}" }.joined()
    }

    /// The style sheet of the page: system fonts, light and dark, four pictures a row (two on a narrow screen), printable.
    static let sheet = """
        :root{color-scheme:light dark;--back:#f6f7f9;--card:#fff;--text:#1a1d24;--soft:#5d6675;--line:#e3e6eb;--accent:#0b6b72;\
        --warn-back:#fff6e0;--warn-line:#e5b13a;--warn-text:#5a4100;--flag:#8a4b00;--track:#eef0f3}
        @media (prefers-color-scheme:dark){:root{--back:#111419;--card:#191d24;--text:#e8ebf0;--soft:#9aa4b2;--line:#2b313b;--accent:#63d0d6;\
        --warn-back:#2b2413;--warn-line:#a37a1c;--warn-text:#f3dfb0;--flag:#f2b45c;--track:#232933}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--back);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;\
        -webkit-font-smoothing:antialiased}
        main{max-width:1180px;margin:0 auto;padding:32px 24px 48px}
        h1{font-size:30px;line-height:1.2;letter-spacing:-.015em;margin:2px 0 4px;overflow-wrap:anywhere}
        h2{font-size:18px;letter-spacing:-.005em;margin:0 0 14px}
        h3{font-size:13px;font-weight:600;color:var(--soft);margin:22px 0 8px}
        small{font-weight:400;font-size:13px;color:var(--soft);margin-left:6px}
        th small{margin-left:2px;font-size:12px}
        section,header{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:24px 28px;margin:0 0 18px}
        .brand{margin:0;font-weight:700;color:var(--accent)}.brand span{font-weight:400;color:var(--soft);margin-left:8px}
        .created{margin:0;color:var(--soft)}
        .badge{font-weight:600;font-size:12px;color:var(--warn-text);background:var(--warn-back);border:1px solid var(--warn-line);border-radius:99px;\
        padding:2px 10px;margin-left:8px;white-space:nowrap}
        dl{margin:0}dt{color:var(--soft);font-size:13px}dd{margin:0;overflow-wrap:anywhere}
        .facts{display:flex;flex-wrap:wrap;gap:14px 40px;margin-top:20px;padding-top:18px;border-top:1px solid var(--line)}
        .facts dd{font-weight:600;font-variant-numeric:tabular-nums}
        .provenance div{display:grid;grid-template-columns:170px 1fr;gap:16px;padding:6px 0;border-top:1px solid var(--line)}
        .provenance div:first-child{border-top:0}
        .provenance dd{font:13px/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
        .warnings{background:var(--warn-back);border-color:var(--warn-line);color:var(--warn-text)}
        .warnings h2{margin-bottom:6px}.warnings ul{margin:0;padding-left:20px}
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
        th,td{padding:7px 10px;border-bottom:1px solid var(--line);text-align:left;white-space:nowrap}
        th:first-child{padding-left:0}td:last-child,th:last-child{padding-right:0}
        thead th{font-size:13px;font-weight:600;color:var(--soft);vertical-align:bottom}
        tbody th{font-weight:500}tfoot th,tfoot td{border-bottom:0;font-weight:600}
        .n{text-align:right}.strong{font-weight:700}.absent{color:var(--soft)}
        .bar{width:24%;min-width:90px}.bar i{display:block;height:9px;border-radius:99px;min-width:0}
        .chip{display:inline-block;width:12px;height:12px;border-radius:4px;margin-right:9px;vertical-align:-1px;box-shadow:inset 0 0 0 1px #0003}
        .chip.outline{background:#555;box-shadow:inset 0 0 0 2px #fff,0 0 0 1px #0004}
        .flag{font-size:12px;font-weight:600;color:var(--flag);border:1px solid currentColor;border-radius:99px;padding:0 7px;margin-left:6px}
        .note{color:var(--soft);font-size:13px;margin:12px 0 0}.note .flag{margin:0 2px}
        .legend{display:flex;flex-wrap:wrap;gap:8px}
        .legend label{display:inline-flex;align-items:center;border:1px solid var(--line);border-radius:99px;padding:3px 12px 3px 8px;font-size:13px;cursor:pointer}
        .legend input{position:absolute;opacity:0;width:0;height:0}
        .legend .chip{margin-right:7px}
        .legend label:has(input:not(:checked)){color:var(--soft);text-decoration:line-through}
        .legend label:has(input:not(:checked)) .chip{opacity:.25}
        .legend label:focus-within{outline:2px solid var(--accent);outline-offset:1px}
        .montage{display:grid;grid-template-columns:repeat(4,1fr);gap:10px}
        figure{margin:0;break-inside:avoid}
        .picture{position:relative;background:#000;border-radius:8px;overflow:hidden}
        .picture img{position:absolute;inset:0;width:100%;height:100%;display:block}
        .picture b{position:absolute;color:#fff;font-size:11px;line-height:1;font-weight:600;text-shadow:0 0 3px #000,0 0 2px #000}
        .l{left:6px;top:50%;transform:translateY(-50%)}.r{right:6px;top:50%;transform:translateY(-50%)}
        .t{top:6px;left:50%;transform:translateX(-50%)}.b{bottom:6px;left:50%;transform:translateX(-50%)}
        body:has(#tref:not(:checked)) .ref{visibility:hidden}
        figcaption{font-size:12px;color:var(--soft);padding:4px 2px 0;font-variant-numeric:tabular-nums}figcaption span{float:right}
        .timeline{display:flex;gap:2px;height:14px;border-radius:7px;overflow:hidden;background:var(--track);margin-bottom:14px}
        .timeline i{display:block;height:100%;min-width:1px}
        .stages{list-style:none;margin:0;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(220px,1fr));gap:6px 28px}
        .stages li{display:flex;align-items:center}.stages i{width:10px;height:10px;border-radius:3px;margin-right:9px}
        .stages b{margin-left:auto;font-weight:600;font-variant-numeric:tabular-nums}
        \(seriesRules)
        .charts{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:30px 36px}
        .chart h3{margin:0 0 2px;color:var(--text);font-size:14px;display:flex;align-items:baseline}.chart h3 small{font-size:12px}
        .chart .switch{margin-left:auto;font-weight:400;font-size:12px;color:var(--soft);cursor:pointer}.switch input{vertical-align:-2px;margin:0 5px 0 0}
        .chart ul{list-style:none;display:flex;flex-wrap:wrap;gap:1px 16px;margin:0 0 6px;padding:0;font-size:12px;color:var(--soft)}
        .chart li i{display:inline-block;width:14px;height:3px;border-radius:2px;margin-right:6px;vertical-align:3px}
        .chart li b{color:var(--text);font-weight:600;font-variant-numeric:tabular-nums}
        .chart svg{display:block;width:100%;height:auto;overflow:visible}.chart text{fill:var(--soft);font-size:11px;font-variant-numeric:tabular-nums}
        .chart .grid{stroke:var(--line)}.chart .axis{stroke:var(--soft);stroke-opacity:.55}
        .chart .curve{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
        .chart .raw{fill:none;stroke:currentColor;stroke-width:1;stroke-opacity:.42}.chart .dot{fill:currentColor}
        .chart .band{fill:currentColor;fill-opacity:.14}
        .chart .logarithmic{display:none}.chart:has(input:checked) .logarithmic{display:block}.chart:has(input:checked) .linear{display:none}
        @media screen and (prefers-color-scheme:dark){.chart g,.chart li i{filter:brightness(1.4)}}
        .means{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:16px;margin:0 0 18px}
        .means div{border:1px solid var(--line);border-radius:10px;padding:12px 16px}
        .means b{display:block;font-size:26px;line-height:1.25;font-variant-numeric:tabular-nums}
        .means .second b{color:var(--soft)}.means span{color:var(--soft);font-size:13px}.means em{font-style:normal;font-weight:600;color:var(--text)}
        .settings{columns:2;column-gap:36px;font:12.5px/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
        .settings div{display:flex;gap:12px;justify-content:space-between;border-bottom:1px solid var(--line);padding:3px 0;break-inside:avoid}
        .settings dt{font-size:inherit}.settings dd{text-align:right;font-weight:600}
        footer{color:var(--soft);font-size:13px;text-align:center;padding:8px 0}
        @media (max-width:760px){main{padding:16px 12px 32px}section,header{padding:18px 16px}.montage{grid-template-columns:repeat(2,1fr)}\
        .charts,.means{grid-template-columns:minmax(0,1fr)}.settings{columns:1}\
        .provenance div{grid-template-columns:1fr;gap:0}.bar{display:none}}
        @media print{:root{color-scheme:light;--back:#fff;--card:#fff;--text:#000;--soft:#444;--line:#ccc;--accent:#0b6b72;--warn-back:#fff6e0;\
        --warn-line:#e5b13a;--warn-text:#5a4100;--flag:#8a4b00}
        *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
        body{font-size:11px}main{max-width:none;padding:0}section,header{border:0;padding:0;margin:0 0 18px}.warnings{padding:10px 14px}
        h2,h3{break-after:avoid}tr{break-inside:avoid}th,td{padding:4px 6px}.legend label{padding:1px 8px 1px 6px}}
        """
}
