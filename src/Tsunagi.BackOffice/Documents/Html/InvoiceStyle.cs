namespace Tsunagi.BackOffice.Documents.Html;

/// <summary>The style of the page: the same look as on paper, one column on a phone.</summary>
internal static class InvoiceStyle
{
    public const string Css = """

        @page{size:A4;margin:16mm 18mm}
        *{box-sizing:border-box}
        body{margin:0;background:#e9edf2;color:#1a1d21;font:14px/1.5 "BIZ UDPGothic","Hiragino Sans","Yu Gothic","Noto Sans CJK JP","Noto Sans JP",system-ui,sans-serif}
        main{max-width:800px;margin:24px auto;padding:44px 52px;background:#fff;border-top:4px solid #1b3b6b;box-shadow:0 1px 6px #0002}
        h1{margin:0 0 20px;color:#1b3b6b;font-size:30px;line-height:1.2}
        h2{margin:0 0 6px;color:#1b3b6b;font-size:14px}
        p{margin:0}
        small,.small,.opening,dt{color:#626b76;font-size:12px}
        td small{display:block}
        header{display:flex;gap:40px;justify-content:space-between;margin-bottom:20px}
        header>div{flex:1 1 0;min-width:0;overflow-wrap:anywhere}
        .name{font-size:17px;font-weight:700}
        .strong{font-weight:700}
        .draft{display:inline-block;margin-bottom:12px;padding:2px 10px;background:#b42318;color:#fff;font-weight:700}
        .subject{font-size:16px;font-weight:700}
        dl{margin:10px 0 0}
        dl div{display:flex;justify-content:space-between;gap:12px;padding:3px 0;border-top:1px solid #c9d0d8}
        dd{margin:0;text-align:right}
        .amount{display:flex;align-items:center;justify-content:space-between;gap:16px;margin:12px 0 20px;padding:12px 18px;background:#eff3f8;border-left:5px solid #1b3b6b}
        .amount strong{color:#1b3b6b;font-size:32px;line-height:1.2;white-space:nowrap}
        .due{text-align:right;color:#626b76;font-size:12px}
        .due b{display:block;color:#1a1d21;font-size:16px}
        table{width:100%;border-collapse:collapse}
        th,td{padding:6px 8px;text-align:left;vertical-align:top;border-bottom:1px solid #c9d0d8}
        th{font-size:12px}
        .n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
        .lines thead th{background:#1b3b6b;color:#fff}
        .lines td:first-child{overflow-wrap:anywhere}
        .service th,.tax thead th,.total .strong td{background:#eff3f8;color:#1b3b6b}
        .service th{font-size:14px}
        .total .strong{font-size:16px}
        .sums{display:grid;grid-template-columns:3fr 2fr;gap:24px;align-items:start;margin:20px 0}
        .bank{display:grid;grid-template-columns:1fr 1fr;gap:0 28px;margin:20px 0;padding:14px 18px;background:#eff3f8}
        .bank h2{grid-column:1/-1}
        .bank dl{margin:0}
        .notes{margin-top:20px}
        tr,.bank,.sums,.amount{break-inside:avoid}
        thead{display:table-header-group}
        @media (max-width:640px){
        main{margin:0;padding:20px 16px}
        header,.amount{flex-direction:column;align-items:stretch;gap:12px}
        .sums,.bank{grid-template-columns:1fr}
        .due{text-align:left}
        .lines thead{display:none}
        .lines tr{display:flex;flex-wrap:wrap;border-bottom:1px solid #c9d0d8}
        .lines td,.lines th{border:0}
        .lines td:first-child,.service th{flex:1 0 100%}
        .lines td.n{flex:1 1 auto}
        }
        @media print{
        body{background:#fff;font-size:11px;print-color-adjust:exact;-webkit-print-color-adjust:exact}
        main{max-width:none;margin:0;padding:6px 0 0;box-shadow:none}
        }

        """;
}
