using Tsunagi.Mail.Import;
using Tsunagi.Mail.Quarantine;

namespace Tsunagi.Tests.Mail.Import;

public sealed class Maps_of_rspamd
{
    private const string Conf = """
        # local.d/multimap.conf
        ALLOWED {
          type = "from";
          map = "$LOCAL_CONFDIR/allow.map"; # whole addresses
          prefilter = true
          action = accept;
        }
        multimap {
          BLOCKED {
            type = header; header = "From";
            filter = "email:domain";
            map = [
              "file:///etc/rspamd/block.map",
              "/etc/rspamd/gone.map"
            ];
            score = 20.0;
          }
          POINTS { type = "from"; map = "/etc/rspamd/allow.map"; score = 4; }
        }
        ADDRESSES { type = "ip"; map = "/x"; action = "reject"; }
        PATTERNS { type = "from"; regexp = true; map = "/x"; action = "reject"; }
        TLD { type = "from"; filter = "email:domain:tld"; map = "/x"; action = "reject"; }
        BOTH { type = "from"; map = "/x"; action = "reject"; require_symbols = "A & B"; }
        OPEN { type = "from";

        """;

    [Fact]
    public void Rules_that_decide_on_a_sender_alone_are_taken_and_all_others_are_told()
    {
        var files = new Dictionary<string, string>
        {
            ["/c"] = Conf, ["/etc/rspamd/allow.map"] = "# ours\nPartner@Good.example  1.0\n\nnot-an-address\nfriend@good.example # a word\n",
            ["/etc/rspamd/block.map"] = "bad.example\nsomebody@bad.example\n",
        };
        var problems = new ImportProblems();
        Assert.Equal(
            [
                new RspamdSender("partner@good.example", SenderRule.Allow, "/etc/rspamd/allow.map", 2), new("friend@good.example", SenderRule.Allow, "/etc/rspamd/allow.map", 5),
                new("@bad.example", SenderRule.Block, "/etc/rspamd/block.map", 1),
            ],
            RspamdMaps.Read("/c", files.GetValueOrDefault, problems));
        (string File, int Line, string Told)[] told =
        [
            ("/c", 18, "POINTS is not imported: it decides nothing by itself"), ("/c", 20, "ADDRESSES is not imported: type ip"), ("/c", 21, "PATTERNS is not imported: patterns"),
            ("/c", 22, "TLD is not imported: the filter"), ("/c", 23, "BOTH is not imported: it holds only together"), ("/c", 25, "the block OPEN of line 24"), ("/c", 9, "BLOCKED names /etc/rspamd/gone.map"),
            ("/etc/rspamd/allow.map", 4, "'not-an-address' is no address"), ("/etc/rspamd/block.map", 2, "'somebody@bad.example' is no domain"),
        ];
        foreach (var (file, line, words) in told)
        {
            Assert.True(problems.All.Any(problem => problem.IsError && problem.File == file && problem.Line == line && problem.Message.Contains(words, StringComparison.Ordinal)), $"{file}:{line} {words}\n{string.Join('\n', problems.All)}");
        }

        Assert.Equal(told.Length, problems.All.Count);
    }
}
