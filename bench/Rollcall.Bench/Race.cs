using System.Diagnostics;
using System.Globalization;

namespace Rollcall.Bench;

/// <summary>
/// Runs subjects in turn, A B C A B C …, and prints each one's median beside the first's: a drifting machine slows all
/// of them alike.
/// </summary>
internal sealed class Race(string title)
{
    private const int Rounds = 21;
    private readonly List<(string Name, int Times, Func<Task> Run)> subjects = [];

    /// <param name="times">How often one measurement runs it; a fast one more often.</param>
    public Race Add(string name, int times, Func<Task> run)
    {
        subjects.Add((name, times, run));
        return this;
    }

    public async Task RunAsync()
    {
        var measured = subjects.Select(_ => new List<double>()).ToList();
        for (var round = -3; round < Rounds; round++) // the first three only warm up
        {
            foreach (var (i, subject) in subjects.Index())
            {
                var begun = Stopwatch.GetTimestamp();
                for (var n = 0; n < subject.Times; n++)
                {
                    await subject.Run();
                }

                if (round >= 0)
                {
                    measured[i].Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds / subject.Times);
                }
            }
        }

        Console.WriteLine(title);
        foreach (var (i, subject) in subjects.Index())
        {
            var ratios = measured[i].Zip(measured[0], (own, first) => own / first).Order().ToList();
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {subject.Name, -52} {Median(measured[i]), 8:0.000} ms  × {Median(ratios), 6:0.00}"
                        + $"  (of {ratios[Rounds / 4]:0.00} to {ratios[Rounds * 3 / 4]:0.00})"
                )
            );
        }
        Console.WriteLine();
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
