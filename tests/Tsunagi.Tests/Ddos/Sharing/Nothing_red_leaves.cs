using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tsunagi.Ddos.Sharing;
using Tsunagi.Protocols.Flow.Stix;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.Sharing;

/// <summary>
/// The gate: over random bundles with markings of both versions, on objects and on parts of them, by definitions of others' own, and references among them, nothing leaves that is RED, nor what refers to it over any number of
/// steps, nor what is above its group. The expected levels are found here by other means: by walking from each object, not to it.
/// </summary>
public class Nothing_red_leaves
{
    private const string OwnRed = "marking-definition--00000000-0000-4000-8000-0000000000aa";
    private const string Strange = "marking-definition--00000000-0000-4000-8000-0000000000bb";

    private static readonly (string Id, int Level)[] Marks =
    [
        (TlpMarkings.IdOf(Tlp.Clear), 0), (TlpMarkings.IdOf(Tlp.Green), 1), (TlpMarkings.IdOf(Tlp.Amber), 2), (TlpMarkings.IdOf(Tlp.AmberStrict), 3), (TlpMarkings.IdOf(Tlp.Red), 4),
        ("marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", 0), ("marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", 1), ("marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", 2),
        ("marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", 4), (OwnRed, 4), (Strange, 5),
    ];

    [Fact]
    public void Whatever_the_bundle_and_whatever_the_group()
    {
        var (released, withheld, red) = (0, 0, 0);
        Properties.Holds(Bundles, drawn =>
        {
            var (nodes, audience) = drawn;
            var out_ = Released.Through(Read(nodes), audience);
            var left = out_.Objects.Select(static each => each.Id.ToString()).ToHashSet(StringComparer.Ordinal);
            for (var i = 0; i < nodes.Length; i++)
            {
                var level = Reach(nodes, i);
                var may = level <= (int)OutboundGate.Most(audience) && level < (int)Tlp.Red;
                Assert.Equal(may, left.Contains(IdOf(i)));
                (released, withheld, red) = (released + (may ? 1 : 0), withheld + (may ? 0 : 1), red + (level == 4 ? 1 : 0));
            }

            // Nor does its text stand in anything that left, as itself or as a reference.
            var text = string.Concat(out_.Objects.Select(static each => each.ToString()));
            Assert.All(Enumerable.Range(0, nodes.Length).Where(i => Reach(nodes, i) >= (int)Tlp.Red), i => Assert.DoesNotContain(IdOf(i), text, StringComparison.Ordinal));
        }, 2_000);
        Assert.True(released > 1_000 && withheld > 1_000 && red > 500, $"{released} released, {withheld} withheld, {red} red: the bundles say nothing");
    }

    [Theory]
    [InlineData(Audience.Public, Tlp.Clear)]
    [InlineData(Audience.Community, Tlp.Green)]
    [InlineData(Audience.Listed, Tlp.Amber)]
    [InlineData(Audience.Own, Tlp.AmberStrict)]
    public void Each_group_gets_up_to_its_level_and_no_group_gets_red(Audience audience, Tlp most)
    {
        foreach (var level in Enum.GetValues<Tlp>())
        {
            var marked = Read([new Node([(int)level], [], IsPart: false)]);
            Assert.Equal(level <= most, Released.Through(marked, audience).Objects.Any(each => each.Id.ToString() == IdOf(0)));
        }
    }

    [Fact]
    public void What_was_red_when_it_came_stays_red_when_it_stands_alone()
    {
        var green = Read([new Node([1], [], IsPart: false)]).Where(static each => each.Id.ToString() == IdOf(0)).ToList();
        Assert.Empty(Released.Through(green, Audience.Own, new Dictionary<StixId, int> { [green[0].Id] = (int)Tlp.Red }).Objects);
    }

    [Fact]
    public void What_is_not_marked_is_amber()
    {
        var plain = Read([new Node([], [], IsPart: false)]);
        Assert.Contains(Released.Through(plain, Audience.Listed).Objects, static each => each.Id.ToString() == IdOf(0));
        Assert.DoesNotContain(Released.Through(plain, Audience.Community).Objects, static each => each.Id.ToString() == IdOf(0));
    }

    /// <summary>Nothing but the gate makes what may leave: the type has no other way in, and everything that writes to others takes it.</summary>
    [Fact]
    public void There_is_no_way_round_the_gate()
    {
        Assert.Empty(typeof(Released).GetConstructors());
        Assert.Equal(["Through"], typeof(Released).GetMethods(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic).Select(static method => method.Name).Where(static name => !name.Contains('<')));
        var folder = Path.Combine(Repository.Root, "src/Tsunagi.Ddos");
        var writers = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Where(static file => File.ReadAllText(file) is var text && (text.Contains("TaxiiWriter.Envelope(", StringComparison.Ordinal) || text.Contains("StixWriter.Bundle(", StringComparison.Ordinal)));
        Assert.Equal(["PeerClient.cs", "ShareDesk.cs", "TaxiiServer.cs"], writers.Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(writers, static file => Assert.DoesNotMatch(@"(Envelope|Bundle)\((?!released\.Objects|page\.Released\.Objects|Objects\))", File.ReadAllText(file).Replace("TryReadEnvelope(", "", StringComparison.Ordinal)));
    }

    private sealed record Node(int[] Marks, int[] RefersTo, bool IsPart)
    {
        public override string ToString() => $"marks [{string.Join(',', Marks)}] refers to [{string.Join(',', RefersTo)}]{(IsPart ? " in a part" : "")}";
    }

    private static Gen<(Node[] Nodes, Audience Audience)> Bundles =>
        from count in Gen.Choose(1, 9)
        from nodes in Gen.ArrayOf(
            from marks in Gen.Choose(0, 2).SelectMany(static many => Gen.ArrayOf(Gen.Frequency((6, Gen.Choose(0, 3)), (2, Gen.Choose(4, 7)), (1, Gen.Choose(8, 10))), many))
            from refers in Gen.Choose(0, 2).SelectMany(many => Gen.ArrayOf(Gen.Choose(0, count - 1), many))
            from part in Gen.Elements(true, false)
            select new Node(marks, refers, part), count)
        from audience in Gen.Elements(Enum.GetValues<Audience>())
        select (nodes, audience);

    // Walks from the object to all it refers to.
    private static int Reach(Node[] nodes, int from)
    {
        var seen = new HashSet<int>();
        var open = new Stack<int>([from]);
        var level = 0;
        while (open.TryPop(out var at))
        {
            if (seen.Add(at))
            {
                level = Math.Max(level, nodes[at].Marks.Length == 0 ? 2 : nodes[at].Marks.Max(static mark => Marks[mark].Level));
                Array.ForEach(nodes[at].RefersTo, open.Push);
            }
        }

        return level;
    }

    private static string IdOf(int i) => $"note--00000000-0000-4000-8000-{i:D12}";

    private static List<StixObject> Read(Node[] nodes)
    {
        List<string> texts = ["""{"type":"marking-definition","spec_version":"2.1","id":"OWN","created":"2020-01-01T00:00:00Z","definition_type":"tlp","definition":{"tlp":"red"}}""".Replace("OWN", OwnRed, StringComparison.Ordinal)];
        foreach (var (i, node) in nodes.Index())
        {
            var marks = node.Marks.Length == 0 ? "" : node.IsPart
                ? $"\"granular_markings\":[{string.Join(',', node.Marks.Select(static mark => $$"""{"marking_ref":"{{Marks[mark].Id}}","selectors":["content"]}"""))}],"
                : $"\"object_marking_refs\":[{string.Join(',', node.Marks.Select(static mark => $"\"{Marks[mark].Id}\""))}],";
            var refers = node.RefersTo.Length == 0 ? "\"tool--00000000-0000-4000-8000-000000000001\"" : string.Join(',', node.RefersTo.Select(static to => $"\"{IdOf(to)}\""));
            texts.Add($$"""{"type":"note","spec_version":"2.1","id":"{{IdOf(i)}}","created":"2020-01-01T00:00:00Z","modified":"2020-01-01T00:00:00Z",{{marks}}"content":"c","object_refs":[{{refers}}]}""");
        }

        return [.. texts.Select(static text => StixReader.TryReadObject(Encoding.UTF8.GetBytes(text), null, out var read, out var error) ? read! : throw new InvalidOperationException(error.ToString()))];
    }
}
