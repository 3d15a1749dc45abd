using System.Collections.Frozen;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Protocols.Mail.Links;

/// <summary>
/// Which part of a host's name somebody registered, as far as its form tells: without the DNS (RFC 9989's tree walk) and without a list. Two labels; three under those that countries set apart ("co.jp", "com.au").
/// Where that is wrong ("tokyo.jp" of "city.chiyoda.tokyo.jp", "github.io") many organizations look like one, which hides a difference and makes up none.
/// </summary>
public static class OrganizationName
{
    // Under every country's domain; where one does not set them apart, nobody else has registered them.
    private static readonly FrozenSet<string> Everywhere = "ac co com edu gob gouv gov mil net org".Split(' ').ToFrozenSet(StringComparer.Ordinal);

    // Only where the country has them: elsewhere somebody did ("web.de", "id.me").
    private static readonly FrozenSet<string> Somewhere = new[]
    {
        "ad.jp asn.au av.tr bel.tr biz.id biz.pl biz.tr cri.nz ed.ao ed.cr ed.jp es.kr fin.ec firm.co firm.ht firm.in firm.ro firm.ve gen.in gen.nz gen.tr",
        "go.ci go.cr go.id go.jp go.ke go.kr go.th go.tz go.ug govt.nz gr.jp gub.uy gv.ao gv.at hs.kr id.au id.ir id.lv id.ly idv.hk idv.tw in.th ind.br ind.gt ind.in ind.kw ind.tn",
        "info.ec info.ht info.hu info.ke info.pl info.ro info.tr info.ve info.vn int.az int.co int.lk int.mv int.mw int.pt int.rw int.vn k12.ec k12.il k12.tr kg.kr law.za lg.jp",
        "ltd.cy ltd.gi ltd.lk ltd.uk me.ke me.tz me.uk mi.th ms.kr muni.il my.id ne.jp ne.ke ne.kr ne.tz ne.ug nhs.uk nic.in nic.tj nom.br nom.co nom.es nom.fr nom.pe nom.pl nom.ro nom.za",
        "or.at or.ci or.cr or.id or.jp or.ke or.kr or.mu or.th or.tz or.ug pe.kr plc.ly plc.uk police.uk re.kr res.in sc.kr sc.ke sc.tz sc.ug",
        "sch.ae sch.id sch.ir sch.jo sch.lk sch.ly sch.ng sch.qa sch.sa sch.uk sch.zm school.nz school.za web.bo web.do web.gu web.id web.lk web.nf web.ni web.pk web.tj web.tr web.ve web.za",
    }.SelectMany(static row => row.Split(' ')).ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> EverywhereBySpan = Everywhere.GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> SomewhereBySpan = Somewhere.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The registered part; the whole name where it has no more labels.</summary>
    /// <param name="host">A name in lower case without its last dot.</param>
    public static ReadOnlySpan<char> Of(ReadOnlySpan<char> host)
    {
        int last = host.LastIndexOf('.');
        int second = last <= 0 ? -1 : host[..last].LastIndexOf('.');
        if (second < 0)
        {
            return host;
        }

        bool isSetApart = host.Length - last == 3 && (EverywhereBySpan.Contains(host[(second + 1)..last]) || SomewhereBySpan.Contains(host[(second + 1)..]));
        return host[((isSetApart ? host[..second].LastIndexOf('.') : second) + 1)..];
    }

    /// <summary>Two names are of one organization: their registered parts are equal, or one is the other or lies below it.</summary>
    public static bool IsOfOne(string one, string other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return Of(one).SequenceEqual(Of(other)) || MailDomain.IsSameOrBelow(one, other) || MailDomain.IsSameOrBelow(other, one);
    }
}
