using System.Globalization;
using System.Text;
using FsCheck.Fluent;
using Tsunagi.Protocols.Mail.Spf;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.Spf;

public class Spf_record
{
    public static TheoryData<string> Records() => Golden.Cases("Protocols/Mail/Spf");

    [Theory]
    [MemberData(nameof(Records))]
    [Trait("Golden", "true")]
    public void Is_read_as_recorded(string name) => Golden.Check("Protocols/Mail/Spf", name, input =>
    {
        var text = new StringBuilder();
        foreach (string line in Octets.Show(input).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            text.Append(line).Append('\n');
            if (!SpfRecord.TryParse(line, out SpfRecord? record, out string reason))
            {
                text.Append("  malformed: ").Append(reason).Append("\n\n");
                continue;
            }

            foreach (SpfMechanism m in record!.Mechanisms)
            {
                text.Append(CultureInfo.InvariantCulture, $"  {m.Qualifier} {m.Kind} domain '{m.Domain}' network '{m.Network}' /{m.PrefixV4} //{m.PrefixV6}\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"  redirect '{record.Redirect}' exp '{record.Explanation}' others [{string.Join(", ", record.OtherModifiers)}]\n\n");
        }

        return Octets.Of(text.ToString());
    });

    [Fact]
    public void Never_throws()
    {
        Properties.Holds(Properties.Bytes("v=spf1 aAmxptr:/%{}.-+_=,ip46iln0123 ", 60), octets =>
        {
            bool read = SpfRecord.TryParse("v=spf1 " + Octets.Show(octets), out SpfRecord? record, out string reason);
            Assert.True(read == record is not null && read == (reason.Length == 0));
        });
    }

    [Fact]
    public void Reads_the_same_with_more_spaces_between_its_terms()
    {
        Properties.Holds(Gen.Choose(1, 5), spaces =>
        {
            string[] terms = ["v=spf1", "a", "mx:%{d}/24//64", "-ip4:192.0.2.0/24", "redirect=example.com"];
            Assert.True(SpfRecord.TryParse(string.Join(new string(' ', spaces), terms), out SpfRecord? record, out _));
            Assert.Equal(3, record!.Mechanisms.Length);
        }, 10);
    }
}
