using Rollcall.Bench;

// What counts are the ratios: everything that is compared runs in turn, in one run.
var all = new (string Name, Func<Task> Measure)[]
{
    ("lists", Lists.MeasureAsync),
    ("million", Million.MeasureAsync),
    ("invitations", Invitations.MeasureAsync),
    ("texts", Texts.MeasureAsync),
    ("sign-in", SignIns.MeasureAsync),
};
if (args.FirstOrDefault(name => !all.Any(a => a.Name == name)) is { } unknown)
{
    Console.Error.WriteLine(
        $"There is no {unknown}: choose among {string.Join(", ", all.Select(a => a.Name))}, or none for all."
    );
    return 1;
}
foreach (var (_, measure) in all.Where(a => args.Length == 0 || args.Contains(a.Name)))
{
    await measure();
}

return 0;
