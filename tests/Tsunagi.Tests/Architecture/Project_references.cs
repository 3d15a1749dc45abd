using System.Xml.Linq;
using Mono.Cecil;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Architecture;

public class Project_references
{
    private const int MostProjects = 18;

    /// <summary>Who may see whom; a module is any project of src/ that is not named here.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Tsunagi.Core"] = [],
        ["Tsunagi.Ui"] = ["Tsunagi.Core", "protocols"],
        ["Tsunagi.Routing"] = ["Tsunagi.Core", "protocols"],
        ["Tsunagi.Host"] = ["*"],
    };

    private static readonly string[] Module = ["Tsunagi.Core", "Tsunagi.Ui", "protocols"];

    [Fact]
    public void Modules_never_see_each_other_and_protocols_see_only_the_base_class_library()
    {
        var wrong = new List<string>();
        foreach (var project in Projects())
        {
            var name = Path.GetFileNameWithoutExtension(project);
            var references = References(project).ToList();
            if (project.StartsWith("protocols", StringComparison.Ordinal))
            {
                wrong.AddRange(references.Concat(Packages(project)).Select(reference => $"{name} -> {reference}"));
            }
            else if (project.StartsWith("src", StringComparison.Ordinal))
            {
                var allowed = Allowed.GetValueOrDefault(name, Module);
                wrong.AddRange(references.Where(reference => !Fits(reference, allowed)).Select(reference => $"{name} -> {reference}"));
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Compiled_protocol_assemblies_reference_nothing_but_the_framework()
    {
        var wrong = new List<string>();
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory, "Tsunagi.Protocols.*.dll"))
        {
            using var assembly = AssemblyDefinition.ReadAssembly(file);
            wrong.AddRange(assembly.MainModule.AssemblyReferences
                .Where(static r => !r.Name.StartsWith("System.", StringComparison.Ordinal) && r.Name is not ("System" or "netstandard" or "mscorlib"))
                .Select(r => $"{assembly.Name.Name} -> {r.Name}"));
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Protocol_code_opens_no_socket_reads_no_clock_and_no_file()
    {
        string[] banned = ["System.Net.Sockets.Socket:", "System.Net.Sockets.TcpClient", "System.Net.Sockets.UdpClient", "System.Net.Dns:", "System.IO.File", "System.IO.FileStream", "System.IO.Directory", "System.TimeProvider", "System.DateTime::get_UtcNow", "System.DateTimeOffset::get_UtcNow", "System.Diagnostics.Stopwatch", "System.Environment::get_TickCount"];
        var wrong = new List<string>();
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory, "Tsunagi.Protocols.*.dll"))
        {
            using var assembly = AssemblyDefinition.ReadAssembly(file);
            wrong.AddRange(assembly.MainModule.GetMemberReferences()
                .Select(static member => member.FullName)
                .Where(name => banned.Any(word => name.Contains(word, StringComparison.Ordinal)))
                .Select(name => $"{assembly.Name.Name}: {name}"));
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void There_are_few_projects() => Assert.InRange(Projects().Count(), 1, MostProjects);

    [Fact]
    public void Folders_and_types_are_named_by_the_trade()
    {
        string[] folders = ["Models", "Services", "Helpers", "Interfaces", "Utils", "Common", "Misc"];
        string[] suffixes = ["Manager", "Helper", "Helpers", "Util", "Utils", "Processor", "Impl"];
        var files = Repository.SourceFiles("*.cs").Where(static f => f.StartsWith("src", StringComparison.Ordinal) || f.StartsWith("protocols", StringComparison.Ordinal)).ToList();
        var badFolders = files.SelectMany(static f => f.Split(Path.DirectorySeparatorChar)[..^1]).Distinct().Where(folders.Contains);
        var badNames = files.Select(static f => Path.GetFileNameWithoutExtension(f)).Where(name => suffixes.Any(s => name.EndsWith(s, StringComparison.Ordinal)));
        Assert.Empty(badFolders.Concat(badNames));
    }

    private static bool Fits(string reference, string[] allowed) =>
        allowed.Contains("*") || allowed.Contains(reference) || (allowed.Contains("protocols") && reference.StartsWith("Tsunagi.Protocols.", StringComparison.Ordinal));

    private static IEnumerable<string> Projects() => Repository.SourceFiles("*.csproj");

    private static IEnumerable<string> References(string project) => Items(project, "ProjectReference").Select(static path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')));

    private static IEnumerable<string> Packages(string project) => Items(project, "PackageReference");

    private static IEnumerable<string> Items(string project, string kind) =>
        XDocument.Load(Path.Combine(Repository.Root, project)).Descendants(kind).Select(static item => (string)item.Attribute("Include")!);
}
