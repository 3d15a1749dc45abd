using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;
using System.Text;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace Tsunagi.Tests.Testing.Fuzz;

/// <summary>One statement of a parser: where it stands and whether a run came by.</summary>
public readonly record struct FuzzStatement(string Type, string Method, string File, int Line, bool Hit);

/// <summary>
/// Which statements of its parsers a fuzz target reaches. The library is copied with a counter before every sequence point, and copy and
/// target are loaded beside the originals; nothing of this is in the library that ships.
/// </summary>
public sealed record FuzzCoverage(string Name, FuzzRun Run, IReadOnlyList<FuzzStatement> Statements)
{
    private const string CounterType = "FuzzCounter";

    /// <summary>The share of statements reached.</summary>
    public double Share => Statements.Count == 0 ? 0 : (double)Statements.Count(s => s.Hit) / Statements.Count;

    /// <summary>Runs <paramref name="target"/> against the counting copy of its parsers' libraries.</summary>
    /// <param name="enough">The share of statements at which the run ends.</param>
    public static FuzzCoverage Measure(FuzzTarget target, int seed, TimeSpan limit, long iterations = long.MaxValue, double enough = double.PositiveInfinity)
    {
        var wanted = target.Parsers.Select(type => type.FullName!).ToHashSet(StringComparer.Ordinal);
        var context = new CopyContext();
        var points = new Dictionary<Assembly, List<FuzzStatement>>();
        foreach (Assembly library in target.Parsers.Select(type => type.Assembly).Distinct())
        {
            (byte[] image, List<FuzzStatement> statements) = Instrument(library.Location, wanted);
            points.Add(context.Add(library.GetName().Name!, image), statements);
        }
        Assembly tests = context.Add(typeof(FuzzCoverage).Assembly.GetName().Name!, File.ReadAllBytes(typeof(FuzzCoverage).Assembly.Location));
        var counters = points.ToDictionary(point => point.Key, point => (byte[])point.Key.GetType(CounterType)!.GetField("Hits")!.GetValue(null)!);
        int all = counters.Values.Sum(hits => hits.Length);
        FuzzRun run = RunCopy(tests, target.Name, seed, iterations, limit, () => counters.Values.Sum(hits => hits.Length - hits.Count((byte)0)) >= enough * all);
        var reached = new List<FuzzStatement>();
        foreach ((Assembly copy, List<FuzzStatement> statements) in points)
        {
            byte[] hits = counters[copy];
            reached.AddRange(statements.Select((statement, i) => statement with { Hit = hits[i] != 0 }));
        }
        context.Unload();
        return new FuzzCoverage(target.Name, run, reached);
    }

    /// <summary>A line for the target, one for each parser, and on demand each statement not reached.</summary>
    public string ToText(bool uncovered)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Name,-24} {Run.Iterations,12:N0} inputs in {Run.Elapsed.TotalSeconds:F1} s  {Share:P1} of {Statements.Count} statements{(Run.Failure is null ? "" : "  FAILED")}\n");
        foreach (IGrouping<string, FuzzStatement> type in Statements.GroupBy(s => s.Type, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"  {type.Key,-58} {type.Count(s => s.Hit),5} of {type.Count(),5}\n");
        }

        if (uncovered)
        {
            foreach (FuzzStatement statement in Statements.Where(s => !s.Hit))
            {
                text.Append(CultureInfo.InvariantCulture, $"    not reached: {Path.GetFileName(statement.File)}:{statement.Line} {statement.Method}\n");
            }
        }

        return text.ToString();
    }

    private static FuzzRun RunCopy(Assembly tests, string name, int seed, long iterations, TimeSpan limit, Func<bool> enough)
    {
        object copy = tests.GetType(typeof(FuzzTargets).FullName!)!.GetMethod(nameof(FuzzTargets.Find))!.Invoke(null, [name])!;
        object run = tests.GetType(typeof(FuzzRun).FullName!)!.GetMethod(nameof(FuzzRun.Start))!.Invoke(null, [copy, seed, iterations, limit, 0L, enough])!;
        T Read<T>(string property) => (T)run.GetType().GetProperty(property)!.GetValue(run)!;
        object? failure = run.GetType().GetProperty(nameof(FuzzRun.Failure))!.GetValue(run);
        return new FuzzRun(name, seed, Read<long>(nameof(FuzzRun.Iterations)), Read<TimeSpan>(nameof(FuzzRun.Elapsed)),
            failure is null ? null : new FuzzFailure(seed, 0, [], new InvalidOperationException(failure.ToString())));
    }

    private static (byte[] Image, List<FuzzStatement> Statements) Instrument(string path, HashSet<string> wanted)
    {
        using AssemblyDefinition library = AssemblyDefinition.ReadAssembly(WithoutNativeCode(path), new ReaderParameters { ReadSymbols = true, InMemory = true });
        ModuleDefinition module = library.MainModule;
        var counter = new TypeDefinition("", CounterType, Mono.Cecil.TypeAttributes.Public | Mono.Cecil.TypeAttributes.Abstract | Mono.Cecil.TypeAttributes.Sealed, module.TypeSystem.Object);
        var hits = new FieldDefinition("Hits", Mono.Cecil.FieldAttributes.Public | Mono.Cecil.FieldAttributes.Static, new ArrayType(module.TypeSystem.Byte));
        counter.Fields.Add(hits);
        var statements = new List<FuzzStatement>();
        foreach (TypeDefinition type in module.GetTypes().Where(t => wanted.Contains(Outermost(t).FullName)).ToArray())
        {
            foreach (MethodDefinition method in type.Methods.Where(m => m.HasBody && m.DebugInformation.HasSequencePoints))
            {
                Count(method, hits, statements);
            }
        }

        var start = new MethodDefinition(".cctor", Mono.Cecil.MethodAttributes.Static | Mono.Cecil.MethodAttributes.SpecialName | Mono.Cecil.MethodAttributes.RTSpecialName | Mono.Cecil.MethodAttributes.Private, module.TypeSystem.Void);
        ILProcessor il = start.Body.GetILProcessor();
        il.Emit(OpCodes.Ldc_I4, statements.Count);
        il.Emit(OpCodes.Newarr, module.TypeSystem.Byte);
        il.Emit(OpCodes.Stsfld, hits);
        il.Emit(OpCodes.Ret);
        counter.Methods.Add(start);
        module.Types.Add(counter);
        var image = new MemoryStream();
        library.Write(image);
        return (image.ToArray(), statements);
    }

    // Programs carry libraries that are compiled ahead; each project's own output has the IL alone, which can be changed.
    private static string WithoutNativeCode(string path)
    {
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var own = Path.Combine(AppContext.BaseDirectory, "..", "..", Path.GetFileNameWithoutExtension(path), configuration, Path.GetFileName(path));
        return File.Exists(own) ? own : path;
    }

    private static TypeDefinition Outermost(TypeDefinition type) => type.DeclaringType is { } outer ? Outermost(outer) : type;

    // Hits[n] = 1 before each statement. The first instruction of the statement becomes the first of the counting, so jumps to it count too.
    private static void Count(MethodDefinition method, FieldReference hits, List<FuzzStatement> statements)
    {
        method.Body.SimplifyMacros();
        ILProcessor il = method.Body.GetILProcessor();
        foreach (SequencePoint point in method.DebugInformation.SequencePoints.Where(p => !p.IsHidden).ToArray())
        {
            Instruction? first = method.Body.Instructions.FirstOrDefault(i => i.Offset == point.Offset);
            if (first is null)
            {
                continue;
            }

            Instruction moved = il.Create(OpCodes.Nop);
            moved.OpCode = first.OpCode;
            moved.Operand = first.Operand;
            il.InsertAfter(first, moved);
            il.InsertBefore(moved, il.Create(OpCodes.Ldc_I4, statements.Count));
            il.InsertBefore(moved, il.Create(OpCodes.Ldc_I4_1));
            il.InsertBefore(moved, il.Create(OpCodes.Stelem_I1));
            first.OpCode = OpCodes.Ldsfld;
            first.Operand = hits;
            statements.Add(new FuzzStatement(Outermost(method.DeclaringType).FullName, method.Name, point.Document.Url, point.StartLine, false));
        }
        method.Body.OptimizeMacros();
    }

    private sealed class CopyContext() : AssemblyLoadContext("fuzz coverage", isCollectible: true)
    {
        private readonly Dictionary<string, Assembly> _copies = new(StringComparer.Ordinal);

        public Assembly Add(string name, byte[] image)
        {
            Assembly copy = LoadFromStream(new MemoryStream(image));
            _copies.Add(name, copy);
            return copy;
        }

        // Everything else is the same as outside.
        protected override Assembly? Load(AssemblyName name) => _copies.GetValueOrDefault(name.Name!);
    }
}
