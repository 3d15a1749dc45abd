using System.Collections.Frozen;

namespace Tsunagi.Protocols.Mail.Links;

/// <summary>
/// Top-level domains that people write in text: those of countries, and generic ones in use. Only for telling names from words where nothing else tells ("example.jpをご覧ください", "paypal.com", "readme.md"); what stands in a link with a scheme
/// is taken whatever it ends with. Endings of files that are those of countries too (.md, .sh, .pl, .py, .rs) are left out.
/// </summary>
internal static class TopDomains
{
    private static readonly FrozenSet<string> Known = (
        "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq "
        + "gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph "
        + "pk pm pn pr pt pw qa re ro ru rw sa sb sc sd se sg si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw "
        + "com net org edu gov mil int info biz name pro mobi asia jobs tel travel coop aero museum app dev page web site online shop store top xyz club vip icu live cloud tech space work website link click digital agency email news blog bank fun buzz world today life one "
        + "group company services solutions center network systems host ltd inc llc win bid loan men date trade stream download review party science accountant cricket faith racing tokyo osaka nagoya kyoto yokohama okinawa ryukyu moe cash support help care media studio design rest bar test example invalid localhost")
        .Split(' ').ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> BySpan = Known.GetAlternateLookup<ReadOnlySpan<char>>();

    public static bool Contains(ReadOnlySpan<char> label) => BySpan.Contains(label);
}
